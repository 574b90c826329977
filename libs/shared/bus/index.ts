export * from './bus.ts';
export * from './connect.ts';
export * from './lease.ts';
export * from './limits.ts';
export * from './seal.ts';
export * from './state-first.ts';
export type { AccessProblem, BucketTrial, DurableState } from './try-access.ts';
