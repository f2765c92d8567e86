/** Loaded before a program: the name of the Druid host is this machine's second loopback address. */
import dns from 'node:dns';

const { lookup } = dns;
dns.lookup = (name, options, callback) => {
  const [how, done] = typeof options === 'function' ? [{}, options] : [options, callback];
  if (name !== 'druid.igrid.internal') {
    return lookup(name, options, callback);
  }
  const address = '127.0.0.2';
  return how.all === true ? done(null, [{ address, family: 4 }]) : done(null, address, 4);
};
