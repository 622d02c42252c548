import { describe } from 'vitest'
import { testForeignIds } from '../../contract/foreign-ids.ts'
import { withoutPolicies } from '../../helpers/without-filters.ts'

describe('queries alone, on connections that see everything', () => {
  testForeignIds({ engine: withoutPolicies })
})
