import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MONEY_FOLDER, findInexactMoney } from './structure/money-rules.ts'

// No floating point touches money: see docs/engineering-guide.md.
const root = process.argv[2] ?? '.'
const files = globSync('{db,server,schema,app,sdk/src}/**/*.{ts,tsx}', { cwd: root })
  .filter((file) => !file.startsWith(MONEY_FOLDER) && !/\.test\.tsx?$/.test(file) && !file.startsWith('sdk/src/generated/'))
  .sort()
const problems = files.flatMap((file) => findInexactMoney(file, readFileSync(join(root, file), 'utf8')))
for (const problem of problems) console.error(problem)
process.exit(problems.length === 0 ? 0 : 1)
