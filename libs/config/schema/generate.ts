import { writeFile } from 'node:fs/promises';
import { generated } from './generated.ts';

/** Writes the JSON Schemas and the page of keys anew: `node libs/config/schema/generate.ts` after a change of the grammar. */
for (const { url, text } of await generated()) await writeFile(url, text);
