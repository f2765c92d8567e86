import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerExtensionsValidatorCallback;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * A broker's side of MSK's IAM authentication, but for the signature, which AWS alone can check: a token is a presigned
 * URL of the action kafka-cluster:Connect in base64. Every accepted one is a line on standard output.
 */
public final class AnyIamToken implements AuthenticateCallbackHandler {
  @Override
  public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof OAuthBearerValidatorCallback validator) {
        validate(validator);
      } else if (callback instanceof OAuthBearerExtensionsValidatorCallback extensions) {
        extensions.inputExtensions().map().keySet().forEach(extensions::valid);
      } else {
        throw new UnsupportedCallbackException(callback);
      }
    }
  }

  @Override
  public void close() {}

  private static void validate(OAuthBearerValidatorCallback callback) {
    String url = new String(Base64.getUrlDecoder().decode(callback.tokenValue()), StandardCharsets.UTF_8);
    URI uri = URI.create(url);
    boolean isConnect = List.of(uri.getRawQuery().split("&")).contains("Action=kafka-cluster%3AConnect");
    boolean isSigned = uri.getRawQuery().contains("X-Amz-Signature=");
    if (!uri.getHost().matches("kafka\\.[a-z0-9-]+\\.amazonaws\\.com") || !isConnect || !isSigned) {
      callback.error("invalid_token", null, null);
      return;
    }
    System.out.println("accepted a token of " + uri.getHost());
    callback.token(new Token(callback.tokenValue(), System.currentTimeMillis()));
  }

  private record Token(String value, Long startTimeMs) implements OAuthBearerToken {
    @Override
    public Set<String> scope() {
      return Set.of();
    }

    /** As long as the signer's tokens are good for. */
    @Override
    public long lifetimeMs() {
      return startTimeMs + Duration.ofMinutes(15).toMillis();
    }

    @Override
    public String principalName() {
      return "meter";
    }
  }
}
