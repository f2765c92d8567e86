import { BudgetsClient, paginateDescribeBudgets } from '@aws-sdk/client-budgets';

import { type Candidate, clientOf, present, type Scope } from '../candidate.ts';

/** Budgets are the account's, not the region's. */
export async function* budgets({ account, region }: Scope): AsyncGenerator<Candidate> {
  const client = new BudgetsClient(clientOf(region));
  for await (const { Budgets = [] } of paginateDescribeBudgets({ client }, { AccountId: account })) {
    for (const { BudgetName = '' } of Budgets) {
      yield { type: 'AWS::Budgets::Budget', id: BudgetName, names: present(BudgetName) };
    }
  }
}
