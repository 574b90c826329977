import { z } from 'zod';
import { ReleaseName } from './names.ts';

/** `container.died`: it ended although it should run. `release` is absent, `exitCode` null, where the engine does not tell. */
export const ContainerDied = z
  .object({ container: z.string(), release: ReleaseName.optional(), exitCode: z.int().nullable(), lastLines: z.array(z.string()) })
  .meta({ id: 'ContainerDied' });
export type ContainerDied = z.infer<typeof ContainerDied>;

/** `container.drifted`: it was frozen, or off its network; by now it is whole again, or about to be made anew. */
export const ContainerDrifted = z.object({ container: z.string(), reason: z.string() }).meta({ id: 'ContainerDrifted' });
export type ContainerDrifted = z.infer<typeof ContainerDrifted>;

/** A network is not as declared. `keep`: it stays, because somebody else is on it. Said before anything is done about it. */
export const NetworkDrifted = z
  .object({ network: z.string(), action: z.enum(['recreate', 'remove', 'keep']), reason: z.string() })
  .meta({ id: 'NetworkDrifted' });
export type NetworkDrifted = z.infer<typeof NetworkDrifted>;
