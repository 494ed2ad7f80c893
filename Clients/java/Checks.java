import java.nio.charset.StandardCharsets;
import java.security.DrbgParameters;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/** What the tests run: one line for each thing that a program may notice. */
class Checks {
    private static String origin(SecureRandom random) {
        return random.getAlgorithm() + " of " + random.getProvider().getName();
    }

    private static boolean isDecidedBySeed() throws Exception {
        var drawn = new HashSet<Long>();
        for (int i = 0; i < 2; i++) {
            var random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(1);
            drawn.add(random.nextLong());
        }
        return drawn.size() == 1;
    }

    private static int drawInThreads(int threads, int draws) throws Exception {
        var random = new SecureRandom();
        var drawn = Collections.newSetFromMap(new ConcurrentHashMap<UUID, Boolean>());
        var all = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            all[i] = new Thread(() -> {
                for (int j = 0; j < draws; j++) {
                    drawn.add(new UUID(random.nextLong(), random.nextLong()));
                    drawn.add(UUID.randomUUID());
                }
            });
            all[i].start();
        }
        for (var thread : all) {
            thread.join();
        }
        return drawn.size();
    }

    private static boolean fillsWhatIsLarge() {
        var bytes = new byte[1 << 20];
        new SecureRandom().nextBytes(bytes);
        var counts = new int[256];
        for (var each : bytes) {
            counts[each & 0xff]++;
        }
        // Ten standard deviations.
        return Arrays.stream(counts).allMatch(count -> Math.abs(count - 4096) < 640);
    }

    public static void main(String[] words) throws Exception {
        System.out.println("default: " + origin(new SecureRandom()));
        System.out.println("strong: " + origin(SecureRandom.getInstanceStrong()));
        System.out.println("DRBG: " + origin(SecureRandom.getInstance("DRBG")));
        var parameters = DrbgParameters.instantiation(
            256, DrbgParameters.Capability.RESEED_ONLY, "own".getBytes(StandardCharsets.US_ASCII));
        System.out.println("DRBG with parameters: " + origin(SecureRandom.getInstance("DRBG", parameters)));
        System.out.println("SHA1PRNG: " + origin(SecureRandom.getInstance("SHA1PRNG")) + ", " + isDecidedBySeed());
        var seeded = new SecureRandom(new byte[] {1});
        seeded.setSeed(2);
        System.out.println("seeded: " + (seeded.nextLong() != new SecureRandom(new byte[] {1}).nextLong()));
        System.out.println("seed: " + seeded.generateSeed(33).length + " " + SecureRandom.getSeed(0).length);
        System.out.println("large: " + fillsWhatIsLarge());
        System.out.println("threads: " + drawInThreads(16, 1000));
        System.out.println("TLS: " + SSLContext.getDefault().createSSLEngine().getSupportedProtocols().length);
        var providers = Arrays.stream(Security.getProviders()).map(each -> each.getName()).toList();
        System.out.println("providers: " + String.join(" ", providers));
    }
}
