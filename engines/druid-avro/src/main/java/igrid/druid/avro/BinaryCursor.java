package igrid.druid.avro;

/**
 * Avro's binary encoding of primitive types, read from an array within bounds.
 *
 * @see <a href="https://avro.apache.org/docs/1.11.1/specification/#binary-encoding">the specification</a>
 */
final class BinaryCursor {
  private byte[] bytes;
  private int position;
  private int end;

  void reset(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
  }

  int remaining() {
    return end - position;
  }

  byte[] array() {
    return bytes;
  }

  /** Goes past {@code length} bytes and returns where they start. */
  int skip(int length) throws MalformedRecord {
    if (length < 0 || length > end - position) {
      throw new MalformedRecord("a length of " + length + " where " + (end - position) + " bytes are left");
    }
    int start = position;
    position += length;
    return start;
  }

  /** The length of what follows, never more than what is left: nothing is allocated on garbage's word. */
  int readLength() throws MalformedRecord {
    long length = readLong();
    if (length < 0 || length > end - position) {
      throw new MalformedRecord("a length of " + length + " where " + (end - position) + " bytes are left");
    }
    return (int) length;
  }

  boolean readBoolean() throws MalformedRecord {
    byte value = bytes[skip(1)];
    if (value != 0 && value != 1) {
      throw new MalformedRecord("a boolean of " + value);
    }
    return value == 1;
  }

  int readInt() throws MalformedRecord {
    long value = readLong();
    if (value != (int) value) {
      throw new MalformedRecord("an int of " + value);
    }
    return (int) value;
  }

  /** A zig-zag varint of at most ten bytes. */
  long readLong() throws MalformedRecord {
    long encoded = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position == end) {
        throw new MalformedRecord("a number cut short");
      }
      byte next = bytes[position++];
      if (shift == 63 && next > 1) {
        break;
      }
      encoded |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return (encoded >>> 1) ^ -(encoded & 1);
      }
    }
    throw new MalformedRecord("a number longer than 64 bits");
  }

  float readFloat() throws MalformedRecord {
    return Float.intBitsToFloat(fixed32(skip(4)));
  }

  double readDouble() throws MalformedRecord {
    int at = skip(8);
    return Double.longBitsToDouble((fixed32(at) & 0xFFFFFFFFL) | ((long) fixed32(at + 4) << 32));
  }

  private int fixed32(int at) {
    return (bytes[at] & 0xFF)
        | (bytes[at + 1] & 0xFF) << 8
        | (bytes[at + 2] & 0xFF) << 16
        | (bytes[at + 3] & 0xFF) << 24;
  }
}
