// Programs say this when they start; tests call what they are made of.
import { allowLongWaits } from '../../src/command-line/long-waits.ts';

allowLongWaits();
