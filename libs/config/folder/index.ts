export { type ChangeHints, createChangeHints } from './change-hints.ts';
export { createConfigurationFolder } from './configuration-folder.ts';
export { createTemplateFolder } from './template-folder.ts';
