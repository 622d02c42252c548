import { globSync, readFileSync } from 'node:fs'

/** Adds up what the test runs of one CI run wrote, for its closing line. */
const [folder = 'test-results'] = process.argv.slice(2)
const reports = globSync(`${folder}/*.json`).map(
  (file) => JSON.parse(readFileSync(file, 'utf8')) as { numPassedTests: number; numFailedTests: number },
)
const sum = (key: 'numPassedTests' | 'numFailedTests') => reports.reduce((total, report) => total + report[key], 0)
console.log(`${sum('numPassedTests')} passed, ${sum('numFailedTests')} failed`)
