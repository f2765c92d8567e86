import { z } from 'zod';

export const load = z
  .strictObject({
    appliances: z.int().min(1).max(1_000_000_000).meta({
      description: 'How many appliances send readings. Given together with `load.hz`.',
      unit: 'appliances',
      otherwise: '125 for each playback of the replay hosts',
    }),
    hz: z.number().positive().max(1_000).meta({
      description:
        'Readings that each appliance sends per second of grid time: 1 for a meter that reads every second. Given together with `load.appliances`.',
      unit: 'readings per grid second',
      otherwise: '10/24, as the replay hosts play',
    }),
  })
  .optional()
  .meta({
    description:
      'What the deployment is made for: synthesis stops when a part is too small for it (docs/operate/sizing.md, "Declared load"). Without it, the load is what the replay hosts play; without replay hosts nothing is checked.',
  });
