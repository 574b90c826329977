export { type PlainSecrets, renderPlain, servePlainSecrets } from './plain-secrets.ts';
