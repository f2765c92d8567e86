package igrid.druid.avro;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

/** Against the bytes of Apache Avro's own encoder. */
class FlatRecordDecoderTest {
  private static final Schema SCHEMA = new Schema.Parser().parse(Samples.EVERY_TYPE);
  private final FlatRecordDecoder decoder = new FlatRecordDecoder(Samples.schema(Samples.EVERY_TYPE), false);

  @Test
  void decodesWhatApacheAvroEncodes() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      GenericRecord record = randomRecord(random);
      byte[] bytes = encode(record);
      // Somewhere within a larger array, as network buffers are.
      byte[] within = new byte[bytes.length + 7];
      System.arraycopy(bytes, 0, within, 3, bytes.length);
      Object[] values = decoder.decode(within, 3, 3 + bytes.length);
      for (Schema.Field field : SCHEMA.getFields()) {
        assertSame(record.get(field.pos()), values[field.pos()]);
      }
    }
  }

  @Test
  void refusesARecordThatEndsEarly() throws Exception {
    Random random = new Random(2);
    for (int i = 0; i < 200; i++) {
      byte[] bytes = encode(randomRecord(random));
      for (int length = 0; length < bytes.length; length++) {
        int to = length;
        assertThrows(MalformedRecord.class, () -> decoder.decode(bytes, 0, to));
      }
    }
  }

  @Test
  void refusesBytesAfterTheRecord() throws Exception {
    byte[] bytes = encode(randomRecord(new Random(3)));
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    MalformedRecord error = assertThrows(MalformedRecord.class, () -> decoder.decode(longer, 0, longer.length));
    assertEquals("1 bytes after the record", error.getMessage());
  }

  @Test
  void failsOnRandomBytesInOneWayOnlyAndWithoutAllocatingWhatTheyClaim() {
    Random random = new Random(4);
    int refused = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[random.nextInt(80)];
      random.nextBytes(bytes);
      try {
        decoder.decode(bytes, 0, bytes.length);
      } catch (MalformedRecord expected) {
        refused++;
      }
    }
    assertTrue(refused > 199_000, refused + " of 200,000 refused");
  }

  @Test
  void refusesALengthOfTwoGigabytes() {
    FlatRecordDecoder one = new FlatRecordDecoder(Samples.schema(Samples.ONE_STRING), false);
    byte[] twoGigabytes = {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x0F, 'a'};
    assertThrows(MalformedRecord.class, () -> one.decode(twoGigabytes, 0, twoGigabytes.length));
    byte[] negative = {0x01, 'a'};
    assertThrows(MalformedRecord.class, () -> one.decode(negative, 0, negative.length));
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    FlatRecordDecoder one = new FlatRecordDecoder(Samples.schema(Samples.ONE_STRING), false);
    byte[] bytes = {0x04, (byte) 0xC3, (byte) 0x28};
    assertThrows(MalformedRecord.class, () -> one.decode(bytes, 0, bytes.length));
  }

  @Test
  void tellsStringsOfOneCacheSlotApart() throws Exception {
    // "Aa" and "BB" have one hash, as in java.lang.String.
    StringCache cache = new StringCache();
    byte[] bytes = {'A', 'a', 'B', 'B'};
    for (int i = 0; i < 2; i++) {
      assertEquals("Aa", cache.get(bytes, 0, 2));
      assertEquals("BB", cache.get(bytes, 2, 2));
    }
  }

  private static void assertSame(Object written, Object read) {
    if (written instanceof ByteBuffer buffer) {
      assertArrayEquals(buffer.array(), (byte[]) read);
    } else if (written instanceof GenericData.EnumSymbol symbol) {
      assertEquals(symbol.toString(), read);
    } else {
      assertEquals(written, read);
    }
  }

  private static GenericRecord randomRecord(Random random) {
    GenericRecord record = new GenericData.Record(SCHEMA);
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    record.put("a_boolean", random.nextBoolean());
    record.put("an_int", random.nextInt() >> random.nextInt(32));
    record.put("a_long", random.nextLong() >> random.nextInt(64));
    record.put("a_float", Float.intBitsToFloat(random.nextInt()));
    record.put("a_double", Double.longBitsToDouble(random.nextLong()));
    record.put("a_string", randomText(random));
    record.put("some_bytes", ByteBuffer.wrap(bytes));
    record.put("an_enum", new GenericData.EnumSymbol(SCHEMA.getField("an_enum").schema(), random.nextBoolean() ? "A" : "B"));
    record.put("maybe_first", random.nextBoolean() ? null : random.nextLong());
    record.put("maybe_last", random.nextBoolean() ? null : randomText(random));
    return record;
  }

  private static String randomText(Random random) {
    return random
        .ints(random.nextInt(random.nextInt(10) == 0 ? 200 : 12), 0, 0x1F600)
        .filter(point -> point < 0xD800 || point > 0xDFFF)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static byte[] encode(GenericRecord record) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(SCHEMA).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }
}
