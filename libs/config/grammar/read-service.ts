import type { ConfigProblem } from '@kedge/shared/contracts';
import { cutTexts } from './cut-text.ts';
import { type DeclaredService, declareService } from './declared-service.ts';
import type { NamedFolder } from './service-path.ts';
import { parseTemplate, type TemplateFile } from './template-file.ts';
import { inPlainWords } from './toml-reasons.ts';
import { readUnrendered } from './unrendered-file.ts';
import { warningsOf } from './warnings.ts';

/** What one `service.toml` says. It holds no value that a variable filled where the spec holds a reference. */
export interface ServiceReading {
  /** Null when nothing can be told of it: it is no TOML. */
  readonly service: DeclaredService | null;
  readonly problems: readonly ConfigProblem[];
  /** What is allowed, and dangerous or easily meant otherwise. */
  readonly warnings: readonly ConfigProblem[];
}

interface Surroundings {
  readonly folder: string;
  readonly within: NamedFolder;
}

/** Reads one rendered `service.toml`. */
export function readService(template: TemplateFile, { folder, within }: Surroundings): ServiceReading {
  const parsed = parseTemplate(template);
  if ('problem' in parsed) return { service: null, problems: [inPlainWords(parsed.problem)], warnings: [] };
  const { service, problems } = declareService({ file: parsed.file, folder, within });
  return { service, problems, warnings: [...cutTexts(parsed.file), ...warningsOf(service)] };
}

/** Reads what of a `service.toml` does not depend on variables; why they could not be filled in is told elsewhere. */
export function readUnrenderedService(
  text: { readonly path: string; readonly source: string },
  { folder, within }: Surroundings,
): ServiceReading {
  const read = readUnrendered(text.path, text.source);
  if (!read) return { service: null, problems: [], warnings: [] };
  const { service, problems } = declareService({ ...read, folder, within });
  return { service: { ...service, spec: null }, problems, warnings: warningsOf(service) };
}
