// jest's Node environment with an ordinary global object. In jest's own, node:vm intercepts every access to a global
// (Math, Number, NaN) and asks a Proxy, which makes each some twenty times slower than a local variable. The Proxy serves
// jest to empty the global object after a test file; here the context is dropped as a whole.
import vm from 'node:vm';

import { TestEnvironment } from 'jest-environment-node';

const { createContext } = vm;

export default class extends TestEnvironment {
  constructor(config, context) {
    // jest has no option for it: for as long as its constructor runs, a context is made the other way (Node 22.8 on).
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
