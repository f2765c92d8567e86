import type { GridConfig } from '../../../lib/config/schema.ts';
import type { Account } from './account.ts';

/** What a look found, as one line: what is wrong, and the command or setting that fixes it. */
export interface Finding {
  /** `problem`: the deployment would fail. `warning`: it may fail or lack something later. `note`: needs no action. */
  readonly kind: 'problem' | 'warning' | 'note';
  readonly text: string;
}

/** One question about the account, asked before anything is created. */
export interface Look {
  /** What it is about, for a report that it could not be answered. */
  readonly about: string;
  /** What it asks AWS for, as IAM actions. */
  readonly actions: readonly string[];
  readonly look: (scope: LookScope) => Promise<readonly Finding[]>;
}

export interface LookScope {
  readonly config: GridConfig;
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** What several looks ask for, each asked once. */
  readonly facts: Account;
}

export const problem = (text: string): Finding => ({ kind: 'problem', text });
export const warning = (text: string): Finding => ({ kind: 'warning', text });
export const note = (text: string): Finding => ({ kind: 'note', text });
