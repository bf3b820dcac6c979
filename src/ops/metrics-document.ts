// The table of all metrics as documentation. Run as a program it writes docs/metrics.md.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { metricsTable } from './metrics.ts';

export function metricsDocument(): string {
  const rows = metricsTable().map(
    ({ name, type, labels, scope, help }) =>
      `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(' ')} | ${scope} | ${help} |`,
  );
  return `# Metrics

Every metric that \`/metrics\` of the ops listener answers. No label grows with devices. This table is made from the registry
(\`node src/ops/metrics-document.ts\`), and a test holds both against each other.

**Scope**: of a \`room\` metric every gateway reports the same number, so take the maximum (\`max by (room) (…)\`), and of a
counter the growth of the maximum (\`max by (room) (…) - max by (room) (… offset 1m)\`): a gateway that was cut off and catches
up is no peak then. Of a \`gateway\` metric each reports its own part, so add up (\`sum by (room) (…)\`); of a \`seen\` metric each
counts the same events since its own start, so take the maximum of the rates (\`max by (room) (rate(…))\`). So several gateways
are never counted twice.

| metric | type | labels | scope | meaning |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../../docs/metrics.md', import.meta.url), metricsDocument());
}
