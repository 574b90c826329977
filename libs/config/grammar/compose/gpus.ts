import type { GpuRequest } from '@kedge/shared/contracts';
import { z } from 'zod';
import { formed } from '../told.ts';
import { TextMap } from './text-maps.ts';

const gpusForm = 'must be "all", or an array such as [{ driver = "nvidia", count = 1 }]';
const countForm = 'must be "all", or how many: a whole number from 1 on';
const everything = z.literal('all', { error: gpusForm });

const Count = z.union([z.literal('all').transform(() => -1), z.int().min(1, countForm), z.literal(-1)], { error: countForm });

const Gpu = z
  .strictObject({
    driver: z.string().min(1, 'must not be empty').optional(),
    count: Count.optional(),
    device_ids: z.array(z.string().min(1, 'must not be empty')).min(1, 'must name a device').optional(),
    capabilities: z.array(z.string()).optional(),
    options: TextMap.optional(),
  })
  .superRefine(({ count, device_ids }, context) => {
    if (count !== undefined && device_ids !== undefined)
      context.addIssue({ code: 'custom', message: 'does not go with count; keep one of the two', path: ['device_ids'] });
  });

/** `"all"`, or which. */
export const Gpus = formed(
  z.union([everything.transform((): GpuRequest[] => [{ count: -1 }]), z.array(Gpu)], { error: gpusForm }),
  '`"all"`, or array of tables',
);
