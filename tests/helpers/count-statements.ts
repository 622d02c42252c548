import type { Engine } from '../../db/engine.ts'
import { asking } from './without-filters.ts'

/** An engine that writes down what it is asked, whoever asks. */
export function noting(engine: Engine, statements: string[]): Engine {
  const note = (sql: string) => {
    statements.push(sql)
    return sql
  }
  return {
    ...engine,
    systemPool: asking(engine.systemPool, note),
    poolFor: (...who) => asking(engine.poolFor(...who), note),
  }
}
