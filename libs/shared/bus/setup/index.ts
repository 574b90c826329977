export * from './access.ts';
export * from './initialise-bus.ts';
export * from './nats-config.ts';
export * from './provision-bus.ts';
