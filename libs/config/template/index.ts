/** Templates and the variables that fill them. A door of its own: whoever only reads what was rendered does not load the engine. */
export type { TemplateFolder, TextFile } from '../ports.ts';
export { createRenderConfiguration, createRenderOffline, type NotChecked, type OfflineReply } from '../render-configuration.ts';
export { mostOfAnswer, sizeOf } from './answer-size.ts';
export { type Engine, loadEngine, mostAnswerMs } from './engine.ts';
export { parseEnvFile } from './env-file.ts';
export { type FingerprintKey, fingerprintKey, isForeign } from './fingerprint.ts';
export { findPassedOn } from './passed-on.ts';
export { readVariables } from './read-variables.ts';
export { fingerprintOf, renderedDocument } from './render-file.ts';
export { parsePlace } from './secret-place.ts';
export type { SecretSource } from './secret-source.ts';
export { type SecretAnswer, type SecretStore, sourceKey } from './secret-store.ts';
export { leafAt, parseToml, type Scalar, scalarText } from './toml-document.ts';
