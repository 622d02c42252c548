import { readImports } from './structure/imports.ts'
import { findProblems } from './structure/rules.ts'

// The order of the areas, the folders without cycles, and private files private: see docs/architecture.md.
const problems = findProblems(readImports(process.argv[2] ?? '.'))
for (const problem of problems) console.error(problem)
process.exit(problems.length === 0 ? 0 : 1)
