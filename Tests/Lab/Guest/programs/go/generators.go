// Prints for each line that it reads a token of each of these generators, in the order that they were named in.
package main

import (
	"bufio"
	crypto "crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	math "math/rand"
	"os"
	"strings"
)

func filled(fill func([]byte) (int, error)) []byte {
	bytes := make([]byte, 16)
	if _, err := fill(bytes); err != nil {
		panic(err)
	}
	return bytes
}

var generators = map[string]func() []byte{
	"go-math-rand":   func() []byte { return filled(math.Read) },
	"go-crypto-rand": func() []byte { return filled(crypto.Read) },
}

func draw() string {
	var tokens []string
	for _, name := range os.Args[1:] {
		tokens = append(tokens, hex.EncodeToString(generators[name]()))
	}
	return strings.Join(tokens, " ")
}

func main() {
	// Go begins with a seed of its own only from 1.20 on.
	math.Seed(int64(binary.LittleEndian.Uint64(filled(crypto.Read))))
	// What is seeded once is seeded before the snapshot.
	draw()
	fmt.Println("ready")
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		fmt.Println(draw())
	}
}
