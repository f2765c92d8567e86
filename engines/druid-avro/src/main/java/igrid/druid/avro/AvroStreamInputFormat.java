package igrid.druid.avro;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.File;
import java.util.Objects;
import org.apache.druid.data.input.InputEntity;
import org.apache.druid.data.input.InputEntityReader;
import org.apache.druid.data.input.InputRowSchema;
import org.apache.druid.data.input.impl.NestedInputFormat;
import org.apache.druid.java.util.common.parsers.JSONPathSpec;

/**
 * {@code avro_stream}: one headerless Avro record a message. The JSON is that of druid-avro-extensions. As records are
 * flat, every field is a column of its name and there is nothing to flatten: a {@code flattenSpec} with fields of its
 * own is refused.
 */
@JsonTypeName("avro_stream")
public final class AvroStreamInputFormat extends NestedInputFormat {
  private final AvroBytesDecoder avroBytesDecoder;
  private final boolean binaryAsString;
  private final boolean extractUnionsByType;

  /** @throws IllegalArgumentException when the spec asks for what flat records don't have. */
  @JsonCreator
  public AvroStreamInputFormat(
      @JsonProperty("flattenSpec") JSONPathSpec flattenSpec,
      @JsonProperty("avroBytesDecoder") AvroBytesDecoder avroBytesDecoder,
      @JsonProperty("binaryAsString") boolean binaryAsString,
      @JsonProperty("extractUnionsByType") boolean extractUnionsByType) {
    super(flattenSpec);
    if (avroBytesDecoder == null) {
      throw new IllegalArgumentException("avro_stream needs an avroBytesDecoder");
    }
    boolean hasPaths = flattenSpec != null && !flattenSpec.getFields().isEmpty();
    if (hasPaths || extractUnionsByType) {
      throw new IllegalArgumentException("flat Avro records have neither paths nor unions to extract");
    }
    this.avroBytesDecoder = avroBytesDecoder;
    this.binaryAsString = binaryAsString;
    this.extractUnionsByType = extractUnionsByType;
  }

  @JsonProperty
  public AvroBytesDecoder getAvroBytesDecoder() {
    return avroBytesDecoder;
  }

  @JsonProperty
  public boolean getBinaryAsString() {
    return binaryAsString;
  }

  @JsonProperty
  public boolean isExtractUnionsByType() {
    return extractUnionsByType;
  }

  @Override
  public boolean isSplittable() {
    return false;
  }

  @Override
  public InputEntityReader createReader(InputRowSchema rows, InputEntity source, File temporaryDirectory) {
    return new FlatRecordReader(new FlatRecordDecoder(avroBytesDecoder.schema(), binaryAsString), rows, source);
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other)
        && other instanceof AvroStreamInputFormat that
        && avroBytesDecoder.equals(that.avroBytesDecoder)
        && binaryAsString == that.binaryAsString;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), avroBytesDecoder, binaryAsString);
  }
}
