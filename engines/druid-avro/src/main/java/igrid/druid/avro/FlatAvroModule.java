package igrid.druid.avro;

import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.google.inject.Binder;
import java.util.List;
import org.apache.druid.initialization.DruidModule;

/** Makes the input format known to Druid under the names that druid-avro-extensions gives it. */
public class FlatAvroModule implements DruidModule {
  @Override
  public List<? extends Module> getJacksonModules() {
    return List.of(
        new SimpleModule("igrid-flat-avro")
            .registerSubtypes(AvroStreamInputFormat.class, InlineSchemaDecoder.class));
  }

  @Override
  public void configure(Binder binder) {}
}
