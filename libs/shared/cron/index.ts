export * from './cron-expression.ts';
