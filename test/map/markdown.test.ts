import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mentionsIn } from './markdown.ts';

const text = `
Say \`npm start\`, see [the map](docs/map.md#top) or [the web](https://example.com).

\`\`\`sh
$ npm test   # all
docker compose \\
  up -d
\`\`\`

\`\`\`toml
path = "\`web\`"
\`\`\`

Then \`a\` and \`b\`.
`;

describe('the mentions in a Markdown text', () => {
  it('are code marks, links of the repository and lines of shell blocks', () => {
    assert.deepEqual(
      mentionsIn(text).map(({ line, kind, text: what }) => `${line} ${kind} ${what.replaceAll(/\s+/g, ' ')}`),
      ['2 inline npm start', '2 link docs/map.md', '5 shell npm test # all', '7 shell docker compose up -d', '14 inline a', '14 inline b'],
    );
  });
});
