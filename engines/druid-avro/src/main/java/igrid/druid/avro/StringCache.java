package igrid.druid.avro;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Strings by their UTF-8 bytes. Ids and names repeat with every message: one that is remembered costs a hash and a
 * comparison of bytes, no allocation, and keeps the hash that Druid's dictionary asks for. A slot holds the string seen
 * last, so that memory is bounded whatever comes.
 */
final class StringCache {
  /**
   * 131,072: with 10,000 appliances a task one id in twelve shares its slot with another and is decoded again and again;
   * with 32,768 slots it was one in four, and decoding 5 % of a task's time. All slots full are 20 MB.
   */
  private static final int SLOT_BITS = 17;

  /** Longer ones are no ids: decoded each time. */
  private static final int LONGEST = 64;

  private final byte[][] keys = new byte[1 << SLOT_BITS][];
  private final String[] values = new String[1 << SLOT_BITS];

  /** @throws MalformedRecord when the bytes are not UTF-8. */
  String get(byte[] bytes, int from, int length) throws MalformedRecord {
    if (length > LONGEST) {
      return decode(bytes, from, length);
    }
    int hash = 0;
    for (int i = from; i < from + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    // Ids differ in their last digits: multiplied, those count in the upper bits too (Fibonacci hashing).
    int slot = (hash * 0x9E3779B9) >>> (32 - SLOT_BITS);
    byte[] key = keys[slot];
    if (key != null && Arrays.equals(key, 0, key.length, bytes, from, from + length)) {
      return values[slot];
    }
    String value = decode(bytes, from, length);
    keys[slot] = Arrays.copyOfRange(bytes, from, from + length);
    values[slot] = value;
    return value;
  }

  private static String decode(byte[] bytes, int from, int length) throws MalformedRecord {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedRecord("a string that is not UTF-8");
    }
  }
}
