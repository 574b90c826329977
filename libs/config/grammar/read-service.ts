import type { ConfigProblem } from '@kedge/shared/contracts';
import { cutTexts } from './cut-text.ts';
import { type DeclaredService, declareService } from './declared-service.ts';
import type { NamedFolder } from './service-path.ts';
import { parseTemplate, type TemplateFile } from './template-file.ts';
import { readFaulty, readUnrendered, type UnrenderedFile } from './unrendered-file.ts';
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
  if ('problems' in parsed) return readTables(readFaulty(template), { folder, within, told: parsed.problems });
  const { service, problems } = declareService({ file: parsed.file, folder, within });
  return { service, problems, warnings: [...cutTexts(parsed.file), ...warningsOf(service)] };
}

/** Reads what of a `service.toml` does not depend on variables; why they could not be filled in is told elsewhere. */
export function readUnrenderedService(
  text: { readonly path: string; readonly source: string },
  surroundings: Surroundings,
): ServiceReading {
  const read = readUnrendered(text.path, text.source);
  return readTables(read, { ...surroundings, told: read.problems });
}

function readTables(
  { tables }: Pick<UnrenderedFile, 'tables'>,
  { told, ...surroundings }: Surroundings & { readonly told: readonly ConfigProblem[] },
): ServiceReading {
  if (!tables) return { service: null, problems: told, warnings: [] };
  const { service, problems } = declareService({ ...tables, ...surroundings });
  return { service: { ...service, spec: null }, problems: [...told, ...problems], warnings: warningsOf(service) };
}
