export { type PlainSecrets, plainTaint, renderPlain, servePlainSecrets } from './plain-secrets.ts';
