package org.sysgenid;

import java.io.FileInputStream;
import java.io.IOException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandomSpi;
import java.util.List;
import java.util.Map;

/**
 * A provider of {@code SecureRandom} whose bytes are the kernel's: nothing is kept of them, so that there is nothing
 * that two clones of a program could both have. The first provider that has one is the default, and sysgenid.security
 * makes it this one.
 */
public final class KernelRandom extends Provider {
    private static final long serialVersionUID = 1;
    private static final String KERNEL = "/dev/urandom";

    /**
     * Its own name, which is the default, and those of what it takes the place of. SHA1PRNG is not among them: what it
     * is seeded with decides what it gives, and programs rely on that.
     */
    private static final List<String> ALGORITHMS =
        List.of("SysGenID", "NativePRNG", "NativePRNGBlocking", "NativePRNGNonBlocking", "DRBG");

    /** Offers nothing where the kernel's bytes cannot be read, and Java goes on with its own. */
    public KernelRandom() {
        super("SysGenID", "1", "Random bytes of the kernel, of which nothing is kept");
        if (Bytes.SOURCE == null) {
            return;
        }
        for (var algorithm : ALGORITHMS) {
            var attributes = Map.of("ThreadSafe", "true");
            putService(new Service(this, "SecureRandom", algorithm, Bytes.class.getName(), null, attributes));
        }
    }

    /** The generator. It has no state, and so needs no lock. */
    public static final class Bytes extends SecureRandomSpi {
        private static final long serialVersionUID = 1;
        private static final FileInputStream SOURCE = open();

        /** Called by Java. */
        public Bytes() {}

        private static FileInputStream open() {
            try {
                return new FileInputStream(KERNEL);
            } catch (IOException | SecurityException refused) {
                return null;
            }
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            try {
                if (SOURCE.readNBytes(bytes, 0, bytes.length) == bytes.length) {
                    return;
                }
            } catch (IOException error) {
                throw new ProviderException("cannot read " + KERNEL, error);
            }
            throw new ProviderException(KERNEL + " ends");
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            var seed = new byte[count];
            engineNextBytes(seed);
            return seed;
        }

        /** The kernel has sources of its own: nothing could be made worse by the absence of this one. */
        @Override
        protected void engineSetSeed(byte[] seed) {}
    }
}
