export { adviceFor } from './examine-access.ts';
export * from './in-time.ts';
export * from './own-container.ts';
export * from './pass-ages.ts';
export * from './run-process.ts';
export * from './run-service.ts';
export * from './service.ts';
export * from './service-config.ts';
