import { Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import { EMR_MANAGED_POLICY_TAG } from './emr-tag.ts';
import { type Actor, ACTORS, flows, INTERNET_PORTS } from './traffic.ts';

export interface SecurityGroupsProps {
  readonly vpc: ec2.IVpc;
  /** Prefix of the groups' names. */
  readonly namePrefix: string;
  readonly kafka: Pick<GridConfig['kafka'], 'auth'>;
}

/**
 * One security group per actor, with fixed names and the rules as resources of their own: a rule that changes never
 * replaces a group, and a group that is never replaced never replaces the MSK cluster that carries it.
 */
export class SecurityGroups extends Construct {
  readonly #groups: ReadonlyMap<Actor, ec2.SecurityGroup>;

  constructor(scope: Construct, id: string, props: SecurityGroupsProps) {
    super(scope, id);
    const actors = Object.keys(ACTORS) as Actor[];
    this.#groups = new Map(
      actors.map((actor) => [
        actor,
        new ec2.SecurityGroup(this, actor, {
          vpc: props.vpc,
          securityGroupName: `${props.namePrefix}-${actor}`,
          description: ACTORS[actor],
          allowAllOutbound: false,
          disableInlineRules: true,
        }),
      ]),
    );
    for (const { from, to, port, why } of flows(props.kafka)) {
      const description = `${from} to ${to}: ${why}`;
      this.of(to).addIngressRule(this.of(from), ec2.Port.tcp(port), description);
      this.of(from).addEgressRule(this.of(to), ec2.Port.tcp(port), description);
    }
    for (const actor of actors) {
      for (const port of INTERNET_PORTS[actor] ?? []) {
        this.of(actor).addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(port), `${actor} to AWS APIs and packages`);
      }
    }
    // EMR's role may use a group only with this tag; it attaches this one to the nodes beside its own.
    Tags.of(this.of('spark')).add(EMR_MANAGED_POLICY_TAG.key, EMR_MANAGED_POLICY_TAG.value);
  }

  of(actor: Actor): ec2.SecurityGroup {
    const group = this.#groups.get(actor);
    if (!group) {
      throw new Error(`there is no security group of ${actor}`);
    }
    return group;
  }
}
