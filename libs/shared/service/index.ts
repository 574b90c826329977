export * from './own-container.ts';
export * from './run-service.ts';
export * from './service.ts';
export * from './service-config.ts';
