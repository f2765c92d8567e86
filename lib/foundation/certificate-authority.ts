import { type CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { z } from 'zod';

import type { trustSettings } from '../../src/hosts/settings/shared.ts';
import type { GridConfig } from '../config/schema.ts';
import { GridFunction } from '../lambdas/grid-function.ts';
import { ResourceProvider } from '../lambdas/resource-provider.ts';
import { acceptNagFindings } from '../stack/nag-findings.ts';

/** Where EMR finds its certificates, in the authority's bucket. */
const EMR_KEY = 'emr/certificates.zip';

export interface TrustProps {
  readonly config: GridConfig;
  readonly key: kms.IKey;
  /** Domain of the hosts. */
  readonly zoneName: string;
}

/** The private certificate authority of the deployment, and who has which key of it. */
export class CertificateAuthority extends Construct {
  /** The authority's certificate in PEM: public, for clients to verify with. */
  readonly authorityCertificate: string;
  /** DNS name of the Druid host. */
  readonly druidName: string;
  readonly #druidSecret: secretsmanager.Secret;
  readonly #bucket: s3.Bucket;
  readonly #authority: ssm.StringParameter;
  /**
   * What a host is told: the name of the SSM parameter with the authority's certificate in PEM (text of several lines is
   * no setting), and which generation of certificates it starts with, so that new ones replace the host.
   */
  readonly hostSettings: z.input<typeof trustSettings>;
  /** Resources that need the certificates depend on it. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: TrustProps) {
    super(scope, id);
    const { config, key } = props;
    const generation = config.rotation.certificates;
    this.druidName = `druid.${props.zoneName}`;

    const authority = this.#secret('authority', `${config.name}: private certificate authority`, key);
    this.#druidSecret = this.#secret('druid', `${config.name}: certificate and key of ${this.druidName}`, key);
    const emr = this.#secret('emr', `${config.name}: certificate and key of EMR nodes`, key);
    this.#bucket = new s3.Bucket(this, 'bucket', {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // The function below deletes the one object when the stack goes, so that the bucket can go.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acceptNagFindings(this.#bucket, { 'AwsSolutions-S1': 'One object, written by one function and read by EMR.' });

    const issuer = new GridFunction(this, 'issuer', {
      config,
      folder: 'foundation/certificate-authority',
      description: 'Makes the private CA and the certificates of hosts',
      timeout: Duration.minutes(2),
      memorySize: 512,
    });
    for (const secret of [authority, this.#druidSecret, emr]) {
      secret.grantRead(issuer);
      secret.grantWrite(issuer);
    }
    iam.Grant.addToPrincipal({
      grantee: issuer,
      actions: ['s3:PutObject', 's3:DeleteObject'],
      resourceArns: [this.#bucket.arnForObjects(EMR_KEY)],
    });
    key.grantEncryptDecrypt(issuer);
    acceptNagFindings(this, {
      'AwsSolutions-IAM5[Action::kms:*]': 'kms:GenerateDataKey* and kms:ReEncrypt* on the one key: CDK grants them so.',
    });

    const stack = Stack.of(this);
    const provider = new ResourceProvider(this, 'provider', { config, onEvent: issuer });
    this.resource = provider.resource('certificates', 'CertificateAuthority', {
      Name: config.name,
      AuthoritySecret: authority.secretArn,
      Hosts: stack.toJsonString([
        { secret: this.#druidSecret.secretArn, dnsNames: [this.druidName] },
        // The names that EC2 gives to nodes: one form in us-east-1, another everywhere else.
        { secret: emr.secretArn, dnsNames: [`*.${stack.region}.compute.internal`, '*.ec2.internal'] },
      ]),
      EmrSecret: emr.secretArn,
      Bucket: this.#bucket.bucketName,
      EmrKey: EMR_KEY,
      Generation: generation,
    });
    this.authorityCertificate = this.resource.getAttString('Certificate');
    const parameter = new ssm.StringParameter(this, 'authority-certificate', {
      description: `${config.name}: certificate of the private authority, PEM`,
      stringValue: this.authorityCertificate,
    });
    this.#authority = parameter;
    this.hostSettings = { AUTHORITY_PARAMETER: parameter.parameterName, CERTIFICATES: generation };
  }

  /** May read the authority's certificate from its parameter. */
  grantAuthority(grantee: iam.IGrantable): void {
    this.#authority.grantRead(grantee);
  }

  /** s3:// address of the archive that EMR's security configuration names. */
  get emrCertificates(): string {
    return this.#bucket.s3UrlForObject(EMR_KEY);
  }

  /** ARN of the secret with the Druid host's certificate and key. */
  get druidSecretArn(): string {
    return this.#druidSecret.secretArn;
  }

  /** May read the Druid host's key. */
  grantDruid(grantee: iam.IGrantable): void {
    // By the grantee's own policy: a secret's grant would name the grantee in the key's policy, and so make this stack
    // depend on the grantee's.
    iam.Grant.addToPrincipal({
      grantee,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [this.#druidSecret.secretArn],
    });
    this.#druidSecret.encryptionKey?.grantDecrypt(grantee);
  }

  /** May read the archive of EMR's keys. */
  grantEmr(grantee: iam.IGrantable): void {
    iam.Grant.addToPrincipal({
      grantee,
      actions: ['s3:GetObject'],
      resourceArns: [this.#bucket.arnForObjects(EMR_KEY)],
    });
    this.#bucket.encryptionKey?.grantDecrypt(grantee);
  }

  #secret(id: string, description: string, encryptionKey: kms.IKey): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(this, id, {
      description,
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acceptNagFindings(secret, {
      'AwsSolutions-SMG4': 'rotation.certificates in the configuration renews it at a deployment, with its hosts.',
    });
    return secret;
  }
}
