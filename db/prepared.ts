import type { CompiledQuery, Compilable } from 'kysely'
import type { Db } from './client.ts'

/**
 * A query that is built and compiled once, for the few that run with every call: building one takes
 * Kysely longer than Postgres takes to answer it. `build` gets stand-ins for the parameters, so it must
 * only put them into the query and not look at them.
 */
export function prepare<P extends unknown[], Row>(
  build: (db: Db, ...parameters: P) => Compilable<Row>,
): (db: Db, ...parameters: P) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined
  // build's own parameters come after `db`.
  const fallbacks = Array.from({ length: build.length - 1 }, (_, index) => ({ standsFor: index }))
  return async (db, ...parameters) => {
    compiled ??= build(db, ...(fallbacks as P)).compile()
    const values = compiled.parameters.map((value) => {
      const index = fallbacks.indexOf(value as (typeof fallbacks)[number])
      return index < 0 ? value : parameters[index]
    })
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters: values })
    return rows
  }
}
