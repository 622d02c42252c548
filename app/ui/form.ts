import { zodResolver } from '@hookform/resolvers/zod'
import { useForm, type FieldValues, type Path, type UseFormProps, type UseFormReturn } from 'react-hook-form'
import { z } from 'zod'
import { describeIssue } from '../../server/platform/core/input-problems.contract.ts'
import { describeError } from '../trpc/errors.ts'

// Zod would otherwise try `new Function`, which the content security policy of the pages forbids. A form words a
// problem as the server does.
z.config({ jitless: true, customError: describeIssue })

/** A form checked by the very schema the server checks with. */
export const useContractForm = <Out extends FieldValues, In extends FieldValues>(
  schema: z.ZodType<Out, In>,
  options?: UseFormProps<In, unknown, Out>,
): UseFormReturn<In, unknown, Out> => useForm<In, unknown, Out>({ ...options, resolver: zodResolver(schema) })

/**
 * Shows what the server refused at the fields it names.
 *
 * @returns whether every problem found its field; if not, the error has to be shown as a whole.
 */
export function showFieldProblems<In extends FieldValues, Out>(form: UseFormReturn<In, unknown, Out>, error: unknown): boolean {
  const { fields } = describeError(error)
  const known = fields.filter(({ field }) => field in form.getValues())
  known.forEach(({ field, message }, index) =>
    form.setError(field as Path<In>, { message: capitalise(message) }, { shouldFocus: index === 0 }),
  )
  return known.length > 0 && known.length === fields.length
}

export const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The problem of a field as a sentence; contracts word them as the end of one. */
export const problem = (error: { message?: string } | undefined): string | undefined => error?.message && capitalise(error.message)
