import type { AgentStats } from '../../../../server/agents/definitions/agents.contract.ts'

type Value = string | number | null

interface Group {
  title: string
  /** Why something has no figure. */
  note: string | undefined
  figures: [name: string, value: Value][]
}

const whole = new Intl.NumberFormat('en')

export function formatMs(ms: number | null): string | null {
  if (ms === null) return null
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'] as const
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return power === 0 ? `${bytes} B` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** The figures as the page groups them. */
export const groupsOf = (stats: AgentStats): Group[] => [
  {
    title: 'Messages',
    note: stats.successRate === null ? 'Rates appear with the first answer.' : undefined,
    figures: [
      ['Answered', whole.format(stats.messagesProcessed)],
      ['Per hour', stats.messagesPerHour],
      ['Waiting', whole.format(stats.queueLength)],
      ['Success rate', percent(stats.successRate)],
      ['Error rate', percent(stats.errorRate)],
    ],
  },
  {
    title: 'Work',
    note: noteOfTokens(stats),
    figures: [
      ['Average answer', formatMs(stats.averageResponseTime)],
      ['Time spent answering', formatMs(stats.wallTimeMs)],
      ['CPU time', formatMs(stats.cpuTimeMs)],
      ['Tokens in', wholeOrNone(stats.inputTokens)],
      ['Tokens out', wholeOrNone(stats.outputTokens)],
      ['Stored', formatBytes(stats.storedBytes)],
    ],
  },
  {
    title: 'Process',
    note:
      stats.pids === null
        ? 'Agents inside the server have no process of their own, so there is no memory, network or process count to measure.'
        : undefined,
    figures: [
      ['Running for', stats.uptimeFormatted],
      ['CPU share', stats.cpu],
      ['Memory', stats.memory],
      ['Network in / out', stats.network],
      ['Processes', stats.pids],
    ],
  },
]

/** What the sums of tokens are made of, besides what providers said. */
export function noteOfTokens({
  estimatedCalls,
  uncountedCalls,
}: Pick<AgentStats, 'estimatedCalls' | 'uncountedCalls'>): string | undefined {
  const parts = [
    ...(estimatedCalls > 0 ? [`those of ${calls(estimatedCalls)} are estimated`] : []),
    ...(uncountedCalls > 0 ? [`those of ${calls(uncountedCalls)} are left out`] : []),
  ]
  return parts.length > 0 ? `The provider did not say all tokens: ${parts.join(', ')}.` : undefined
}

const calls = (count: number): string => `${whole.format(count)} ${count === 1 ? 'call' : 'calls'}`

const wholeOrNone = (count: number | null): string | null => (count === null ? null : whole.format(count))

const percent = (share: string | null): string | null => (share === null ? null : `${share}%`)
