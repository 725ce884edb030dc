.PHONY: build test lint

build:
	swift build -c release --static-swift-stdlib

test:
	swift test --disable-xctest

lint:
	swift format lint --strict -r Sources Tests Package.swift
