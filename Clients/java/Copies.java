import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/** What the tests run: draws once, and has two copies of itself draw, each when a line comes. Each draw is a line. */
class Copies {
    static native int copy();

    static native void leave();

    private static final FileInputStream input = new FileInputStream(FileDescriptor.in);
    private static final FileOutputStream output = new FileOutputStream(FileDescriptor.out);

    private static Callable<byte[]> draw(String kind) throws Exception {
        var random = kind.equals("named") ? SecureRandom.getInstance("DRBG") : new SecureRandom();
        switch (kind) {
            case "uuid":
                return () -> UUID.randomUUID().toString().getBytes();
            case "key":
                var generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec("secp256r1"));
                return () -> hexadecimal(generator.generateKeyPair().getPrivate().getEncoded());
            case "Random":
                var seeded = new Random();
                return () -> hexadecimal(bytes(seeded));
            case "ThreadLocalRandom":
                return () -> hexadecimal(bytes(ThreadLocalRandom.current()));
            default:
                return () -> hexadecimal(bytes(random));
        }
    }

    private static byte[] bytes(Random random) {
        var bytes = new byte[16];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] hexadecimal(byte[] bytes) {
        return HexFormat.of().formatHex(bytes).getBytes();
    }

    private static void say(byte[] drawn) throws Exception {
        var line = new byte[drawn.length + 3];
        line[0] = '1';
        line[1] = ' ';
        System.arraycopy(drawn, 0, line, 2, drawn.length);
        line[line.length - 1] = '\n';
        output.write(line);
    }

    public static void main(String[] words) throws Exception {
        System.load(words[0]);
        var draw = draw(words[1]);
        // What the copies do has been done before: they have no threads that would load, compile or collect.
        draw.call();
        if (copy() == 0) {
            return;
        }
        say(draw.call());
        for (int i = 0; i < 2; i++) {
            if (copy() == 1) {
                while (input.read() != '\n') {}
                say(draw.call());
                leave();
            }
        }
        leave();
    }
}
