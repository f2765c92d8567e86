import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.Map;
import org.apache.druid.guice.ExtensionsConfig;
import org.apache.druid.guice.ExtensionsLoader;

/**
 * Makes a Kafka consumer as Druid's ingestion makes it: by the Kafka extension's own code, loaded by Druid's loader of
 * extensions. Arguments: the extension's folder, then properties of the consumer as KEY=VALUE. Prints "made", or why not.
 */
class DruidConsumer {
  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    ClassLoader extension =
        new ExtensionsLoader(new ExtensionsConfig(), json).getClassLoaderForExtension(new File(args[0]), false);
    Map<String, Object> properties = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      properties.put(pair[0], pair[1]);
    }
    Class<?> supplier = Class.forName("org.apache.druid.indexing.kafka.KafkaRecordSupplier", true, extension);
    for (var method : supplier.getMethods()) {
      if (method.getName().equals("getKafkaConsumer")) {
        try {
          method.invoke(null, json, properties, null);
          System.out.println("made");
        } catch (InvocationTargetException error) {
          System.out.println(error.getCause().getMessage());
        }
      }
    }
    System.exit(0);
  }
}
