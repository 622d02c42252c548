import { performance } from 'node:perf_hooks'
import { handleEvent } from '../server/money/stripe-webhooks/index.ts'
import { openOrdersBench, type OrdersBench } from './webhook-orders.ts'

/**
 * Every order in which the events of one life can come: each as soon as it happened or as late as the end, and each of them again at
 * any later moment. All of them end in the same state. They are not played one by one: orders that have led to the same rows go on in the
 * same way, so each state is looked at once, and each event that can come in it is handled there.
 */
export async function benchWebhooks(): Promise<void> {
  const bench = await openOrdersBench()
  try {
    const began = performance.now()
    const { orders, states, firstMs, againMs, ends } = await walk(bench)
    const seconds = (performance.now() - began) / 1000
    const bareMs = await measureBare(bench)
    const mean = (times: number[]) => times.reduce((sum, ms) => sum + ms, 0) / times.length
    console.log(
      `webhooks: ${orders} orders of the ${bench.events.length} events of one life, each of them also twice, end in ${ends} state (aim 1) after ${seconds.toFixed(1)} s (aim 10000 orders in 60 s)`,
    )
    console.log(
      `  in ${states} states ${firstMs.length} events are handled in ${mean(firstMs).toFixed(1)} ms, and again ${againMs.length} times in ${mean(againMs).toFixed(2)} ms; to ask and to store alone takes ${bareMs.toFixed(1)} ms, ratio ${(bareMs / mean(firstMs)).toFixed(2)}`,
    )
  } finally {
    await bench.close()
  }
}

interface Walked {
  /** In how many orders events can come, repetitions aside. */
  orders: bigint
  states: number
  /** How long each event took that was new, and each that had come before. */
  firstMs: number[]
  againMs: number[]
  /** How many different states they end in. */
  ends: number
}

async function walk({ stages, events, platform, goTo, readState, inSavepoint }: OrdersBench): Promise<Walked> {
  /** Of states that were looked at: in how many orders it goes on from there. */
  const known = new Map<string, bigint>()
  const ends = new Set<string>()
  const [firstMs, againMs]: number[][] = [[], []]
  const deliver = async (index: number) => {
    const began = performance.now()
    const isNew = await handleEvent(platform, events[index]!.event)
    ;(isNew ? firstMs : againMs)!.push(performance.now() - began)
  }
  const visit = async (stage: number, arrived: ReadonlySet<number>, state: string): Promise<bigint> => {
    const name = `${stage} ${state}`
    const seen = known.get(name)
    if (seen !== undefined) return seen
    goTo(stage)
    for (const index of arrived) await deliver(index)
    const { rows, outcome } = await readState()
    if (rows !== state) throw new Error(`An event that came again changed something: ${[...arrived].join(', ')}`)
    let orders = 0n
    if (stage < stages - 1) orders += await visit(stage + 1, arrived, state)
    for (const [index, { stage: since }] of events.entries()) {
      if (since > stage || arrived.has(index)) continue
      orders += await inSavepoint(async () => {
        goTo(stage)
        await deliver(index)
        return visit(stage, new Set([...arrived, index]), (await readState()).rows)
      })
    }
    if (arrived.size === events.length && stage === stages - 1) {
      ends.add(outcome)
      orders = 1n
    }
    known.set(name, orders)
    return orders
  }
  const orders = await visit(0, new Set(), (await readState()).rows)
  return { orders, states: known.size, firstMs: firstMs!, againMs: againMs!, ends: ends.size }
}

const BARE = 500

/** The least that could be done: to ask Stripe for one thing, and to store what it says with the id of the event. */
async function measureBare({ lite, ask }: OrdersBench): Promise<number> {
  const began = performance.now()
  for (let n = 0; n < BARE; n++) {
    const { id, status } = await ask()
    await lite.query('savepoint bare')
    await lite.query(`insert into stripe_events (id, type, happened_at) values ($1, 'bare', now()) on conflict do nothing`, [
      `evt_bare_${n}`,
    ])
    await lite.query('update subscriptions set status = $2 where id = $1', [id, status])
    await lite.query('release savepoint bare')
  }
  return (performance.now() - began) / BARE
}
