export * from './any-character.ts';
export * from './component-process.ts';
export * from './silent-log.ts';
export * from './test-bus.ts';
export * from './wait-until.ts';
