package igrid.druid.avro;

/** Bytes that are no record of the schema. Carries no stack trace: it is thrown once a message, and garbage comes in floods. */
final class MalformedRecord extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedRecord(String message) {
    super(message, null, false, false);
  }
}
