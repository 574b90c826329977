export { createConfigurationFolder } from './configuration-folder.ts';
export { createTemplateFolder } from './template-folder.ts';
