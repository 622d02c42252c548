import { exec } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** What has to hold before a change lands, each with the command that shows it; what takes longest first. */
const steps: [what: string, command: string][] = [
  ['types', 'tsc -p .'],
  ['generated files', 'node scripts/generate.ts --check'],
  ['format', 'prettier --check --log-level warn .'],
  ['dead code', 'knip'],
  ['import rules', 'depcruise --output-type err-long app server schema db'],
  ['lint', 'oxlint --quiet'],
  ['structure', 'node scripts/check-structure.ts'],
  ['money', 'node scripts/check-money.ts'],
]

const MAX_OUTPUT_BYTES = 50_000_000

/** Runs a command and says how it ended. @returns whether what it shows holds. */
const check = (what: string, command: string): Promise<boolean> =>
  new Promise((resolve) => {
    const started = performance.now()
    exec(command, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
      console.log(`${error ? 'FAILED' : 'ok    '} ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
      if (error) console.log(`${stdout}${stderr}`)
      resolve(error === null)
    })
  })

let isGood = true
const waiting = [...steps]
const work = async (): Promise<void> => {
  for (let step = waiting.shift(); step; step = waiting.shift()) isGood = (await check(...step)) && isGood
}
await Promise.all(Array.from({ length: availableParallelism() }, work))
process.exit(isGood ? 0 : 1)
