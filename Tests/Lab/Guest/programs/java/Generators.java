import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints for each line that it reads a token of each of the generators that it was told of, in their order. */
class Generators {
    static Supplier<String> generator(String name) {
        return switch (name) {
            case "java-random" -> bytes(new Random());
            case "java-math-random" -> () -> Double.toHexString(Math.random()) + Double.toHexString(Math.random());
            case "java-uuid" -> () -> UUID.randomUUID().toString();
            case "java-securerandom" -> bytes(new SecureRandom());
            case "java-nativeprng" -> bytes(secureRandom("NativePRNG"));
            case "java-drbg" -> bytes(secureRandom("DRBG"));
            case "java-sha1prng" -> bytes(secureRandom("SHA1PRNG"));
            default -> throw new IllegalArgumentException(name);
        };
    }

    static SecureRandom secureRandom(String algorithm) {
        try {
            return SecureRandom.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Supplier<String> bytes(Random random) {
        return () -> {
            var bytes = new byte[16];
            random.nextBytes(bytes);
            return HexFormat.of().formatHex(bytes);
        };
    }

    public static void main(String[] names) throws IOException {
        var chosen = Stream.of(names).map(Generators::generator).toList();
        Supplier<String> draw = () -> chosen.stream().map(Supplier::get).collect(Collectors.joining(" "));
        // What is seeded once is seeded before the snapshot.
        draw.get();
        System.out.println("ready");
        var input = new BufferedReader(new InputStreamReader(System.in));
        while (input.readLine() != null) {
            System.out.println(draw.get());
        }
    }
}
