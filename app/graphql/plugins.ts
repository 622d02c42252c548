import { getOperationAST, getVariableValues, GraphQLError, validate, type ExecutionArgs } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import { errorKinds, MAX_PROBLEMS } from '#server/platform/core/index.ts'
import { AnswerTooLarge, isTooLarge } from './answer-limit.ts'
import { parseLimited } from './document-limits.ts'

/** One more says that there are more. */
const maxErrors = MAX_PROBLEMS - 1

/** Documents over the limits are refused before they are validated, and long before they are compiled. */
export const limitDocuments = (): Plugin => ({
  onParse: ({ setParseFn }) => setParseFn(parseLimited),
  onValidate: ({ setValidationFn }) => setValidationFn((schema, document, rules) => validate(schema, document, rules, { maxErrors })),
})

/** Variables that do not fit their types are a problem of the request, whichever way it would be run. */
export const checkVariables = (): Plugin => ({
  onExecute({ args, setResultAndStopExecution }) {
    const errors = variableProblems(args)
    if (errors) setResultAndStopExecution({ errors })
  },
  onSubscribe({ args, setResultAndStopExecution }) {
    const errors = variableProblems(args)
    if (errors) setResultAndStopExecution({ errors })
  },
})

function variableProblems({ schema, document, operationName, variableValues }: ExecutionArgs): readonly GraphQLError[] | undefined {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {}
  if (variableDefinitions.length === 0) return undefined
  return getVariableValues(schema, variableDefinitions, variableValues ?? {}, { maxErrors }).errors?.map(inputError)
}

/** A request that was refused before any of it ran has the status of its error; what ran in part is 200, as GraphQL has it. */
export const setStatusOfRefusals = (): Plugin => ({
  onResultProcess({ result }) {
    if (!('errors' in result) || 'data' in result) return
    for (const { extensions } of result.errors ?? []) {
      extensions.status ??= errorKinds.invalid_input.status
      extensions.http = { status: Number(extensions.status), ...(extensions.http as object | undefined), spec: false }
    }
  },
})

/**
 * What is wrong with the request itself, with a code like every other error. It names the place of a value, and does not
 * say the value again: that may be a password.
 */
export function inputError(error: GraphQLError): GraphQLError {
  error.message = withoutValue(error)
  error.extensions.code ??= 'GRAPHQL_INVALID'
  error.extensions.status ??= errorKinds.invalid_input.status
  return error
}

function withoutValue({ message, originalError }: GraphQLError): string {
  const reason = originalError && message.endsWith(`; ${originalError.message}`) ? originalError.message : undefined
  const told = (reason ?? message)
    .replace(/^((?:\w+|Enum "\w+") cannot represent .*?value): .*$/s, '$1.')
    .replace(/^Value ".*" does not exist in/s, 'This value does not exist in')
  if (reason === undefined) return told
  const place = message.slice(0, -reason.length - 2)
  const [, variable] = /^Variable "\$(\w+)"/.exec(place)!
  const [, path = variable] = / at "([\w.[\]]+)"$/.exec(place) ?? []
  return `Variable "$${path}": ${told}`
}

/** What was answered is given up when it is too much to be written. */
export const limitAnswers = (): Plugin => ({
  onExecute: () => ({
    onExecuteDone({ result, setResult }) {
      if (isAsyncIterable(result) || !result.data) return
      if (!isTooLarge(result.data)) return
      const error = new AnswerTooLarge()
      setResult({ errors: [new GraphQLError(error.message, { originalError: error })] })
    },
  }),
})

/** One query can fail in as many ways as it has fields. */
export const limitErrors = (): Plugin => ({
  onResultProcess({ result, setResult }) {
    if (!('errors' in result) || !result.errors || result.errors.length <= MAX_PROBLEMS) return
    const moreProblems = result.errors.length - MAX_PROBLEMS
    setResult({ ...result, errors: result.errors.slice(0, MAX_PROBLEMS), extensions: { ...result.extensions, moreProblems } })
  },
})
