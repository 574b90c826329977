import type { ConfigProblem } from '@kedge/shared/contracts';
import { type DeclaredService, declareService } from './declared-service.ts';
import type { NamedFolder } from './service-path.ts';
import { parseTemplate, type TemplateFile } from './template-file.ts';
import { inPlainWords } from './toml-reasons.ts';
import { warningsOf } from './warnings.ts';

/** What one `service.toml` says. It holds no value that a variable filled where the spec holds a reference. */
export interface ServiceReading {
  /** Null when something is wrong. */
  readonly service: DeclaredService | null;
  readonly problems: readonly ConfigProblem[];
  /** What is allowed, and dangerous or easily meant otherwise. */
  readonly warnings: readonly ConfigProblem[];
}

/** Reads one rendered `service.toml`. */
export function readService(template: TemplateFile, folder: string, within: NamedFolder): ServiceReading {
  const parsed = parseTemplate(template);
  if ('problem' in parsed) return { service: null, problems: [inPlainWords(parsed.problem)], warnings: [] };
  const { service, problems } = declareService(parsed.file, folder, within);
  return { service, problems, warnings: service ? warningsOf(service) : [] };
}
