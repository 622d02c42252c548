import { spawnSync } from 'node:child_process'

/** What has to hold before a change lands, each with the command that shows it. */
const steps: [what: string, command: string][] = [
  ['format', 'prettier --check --log-level warn .'],
  ['lint', 'oxlint --quiet'],
  ['types', 'tsc -p .'],
  ['structure', 'node scripts/check-structure.ts'],
  ['money', 'node scripts/check-money.ts'],
  ['import rules', 'depcruise --output-type err-long app server schema db'],
  ['dead code', 'knip'],
  ['generated files', 'node scripts/generate.ts --check'],
]

const failed = steps.filter(([what, command]) => {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command, { shell: true, encoding: 'utf8' })
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  if (status !== 0) console.log(`${stdout}${stderr}`)
  return status !== 0
})
process.exit(failed.length === 0 ? 0 : 1)
