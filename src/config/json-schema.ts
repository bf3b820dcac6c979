// The JSON Schema that editors complete and check the file with. Run as a program it writes deploy/junban.schema.json.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { fileSchema } from './schema.ts';

/** As text, ready to be a file. */
export function editorSchema(): string {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ title: 'Junban configuration', ...schema }, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../../deploy/junban.schema.json', import.meta.url), editorSchema());
}
