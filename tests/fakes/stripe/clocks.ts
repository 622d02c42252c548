import { addMonth, type Life } from './life.ts'
import { invalid, noSuch } from './problems.ts'
import type { State, TestClock } from './state.ts'

const DAY = 86_400
const DAYS_KEPT = 30
const YEARS_WITHOUT_SUBSCRIPTION = 2

/** Test clocks: the time of the customers that are made in them stands still until it is moved on, and what is due until then happens. */
export function clockEndpoints(state: State, life: Life): Record<string, (parameters: Record<string, unknown>, id: string) => TestClock> {
  const find = (id: string): TestClock => {
    const clock = state.clocks.get(id)
    if (!clock) throw noSuch('test clock', id)
    return clock
  }
  return {
    'POST /v1/test_helpers/test_clocks': ({ frozen_time, name = null }) => {
      const clock: TestClock = {
        id: state.id('clock'),
        object: 'test_helpers.test_clock',
        created: state.now,
        deletes_after: state.now + DAYS_KEPT * DAY,
        frozen_time: frozen_time as number,
        livemode: false,
        name: name as string | null,
        status: 'ready',
        status_details: {},
      }
      state.clocks.set(clock.id, clock)
      state.emit('test_helpers.test_clock.created', clock)
      return clock
    },
    'GET /v1/test_helpers/test_clocks/{id}': (_, id) => find(id),
    'POST /v1/test_helpers/test_clocks/{id}/advance': ({ frozen_time }, id) => {
      const clock = find(id)
      const target = frozen_time as number
      if (clock.status !== 'ready') throw invalid('The test clock is advancing already.')
      if (target <= clock.frozen_time) throw invalid('The time has to be after the one the test clock has.', { param: 'frozen_time' })
      if (target > furthest(state, clock))
        throw invalid('The time can be at most two intervals of the shortest subscription ahead.', { param: 'frozen_time' })
      Object.assign(clock, { status: 'advancing', status_details: { advancing: { target_frozen_time: target } } })
      state.emit('test_helpers.test_clock.advancing', clock)
      // What is due happens after the answer, as it does there.
      setImmediate(() => {
        life.advanceTo(target, id)
        Object.assign(clock, { status: 'ready', status_details: {} })
        state.emit('test_helpers.test_clock.ready', clock)
      })
      return clock
    },
  }
}

/** All subscriptions are by the month here. */
function furthest(state: State, { id, frozen_time: now }: TestClock): number {
  const hasSubscription = [...state.subscriptions.values()].some(({ test_clock, status }) => test_clock === id && status !== 'canceled')
  return hasSubscription ? addMonth(addMonth(now)) : now + YEARS_WITHOUT_SUBSCRIPTION * 365 * DAY
}
