/** Templates and the variables that fill them. A door of its own: whoever only reads what was rendered does not load the engine. */
export type { TemplateFolder, TextFile } from '../ports.ts';
export { createRenderConfiguration } from '../render-configuration.ts';
export { type FingerprintKey, fingerprintKey, isForeign } from './fingerprint.ts';
export { fingerprintOf } from './render-file.ts';
export { parsePlace } from './secret-place.ts';
export { parseTemplate, renderTemplate } from './template.ts';
export { leafAt, parseToml, type Scalar, scalarText } from './toml-document.ts';
export { mergeVariables } from './variables.ts';
